import { useEffect } from 'preact/hooks';
import { param } from '../address.ts';
import { loadQuantities, loadTypes } from '../catalogue.ts';
import { NewReplay } from './new-replay.tsx';
import { ReplayList } from './replay-list.tsx';
import { ReplayPage } from './replay-page.tsx';
import './replays.css';

/** Value of the address for one that is still to be asked for. */
export const NEW = 'new';

/** History read again: one replay when the address names it, the form for a new one, else all. */
export function ReplaysTab() {
  useEffect(() => void Promise.all([loadTypes(), loadQuantities()]), []);
  const id = param('replay');
  if (id === NEW) return <NewReplay key={`${param('type')} ${param('of')} ${param('version')}`} />;
  return id ? <ReplayPage key={id} id={id} /> : <ReplayList />;
}
