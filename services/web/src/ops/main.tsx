import { startPage } from '../shared/start-page.tsx';

startPage(() => <main id="content" />);
