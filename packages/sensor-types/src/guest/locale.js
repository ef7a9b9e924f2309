/*
 * American texts of dates and numbers, as V8 gives them without arguments, for codecs that mention `toLocale…`:
 * QuickJS knows no locales. Arguments are taken as absent; the time zone is UTC.
 */
export default function install(kit) {
  'use strict';
  const { hide } = kit;
  const two = (value) => (value < 10 ? '0' : '') + value;
  const dateText = (d) => `${d.getMonth() + 1}/${d.getDate()}/${d.getFullYear()}`;
  const timeText = (d) =>
    `${d.getHours() % 12 || 12}:${two(d.getMinutes())}:${two(d.getSeconds())} ${d.getHours() < 12 ? 'AM' : 'PM'}`;
  function show(date, text) {
    return Number.isNaN(date.getTime()) ? 'Invalid Date' : text(date);
  }
  hide(Date.prototype, 'toLocaleDateString', function toLocaleDateString() {
    return show(this, dateText);
  });
  hide(Date.prototype, 'toLocaleTimeString', function toLocaleTimeString() {
    return show(this, timeText);
  });
  hide(Date.prototype, 'toLocaleString', function toLocaleString() {
    return show(this, (date) => `${dateText(date)}, ${timeText(date)}`);
  });
  hide(Number.prototype, 'toLocaleString', function toLocaleString() {
    const value = Number(this);
    if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value < 0 ? '-∞' : '∞';
    const [whole, fraction] = String(Math.round(Math.abs(value) * 1000) / 1000).split('.');
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
    return (value < 0 ? '-' : '') + grouped + (fraction ? `.${fraction}` : '');
  });
}
