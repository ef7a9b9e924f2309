import { render, type ComponentChild } from 'preact';
import { startLanguage } from './i18n/language.ts';
import { startTheme } from './theme.ts';
import './base.css';

/** Starts a page: language, theme, base styles, then the screen. */
export function startPage(screen: () => ComponentChild): void {
  startLanguage();
  startTheme();
  const root = document.getElementById('app');
  if (root) render(screen(), root);
}
