import { startSession, token } from '../shared/session.ts';
import { startPage } from '../shared/start-page.tsx';
import { SignIn } from '../shared/ui/sign-in.tsx';
import { ConsoleScreen } from './console-screen.tsx';

startSession('console');

/** The console for those who are signed in; the sign-in form for the others. */
function Console() {
  return token.value ? <ConsoleScreen key={token.value} /> : <SignIn app="console" />;
}

startPage(() => <Console />);
