import { startSession, token } from '../shared/session.ts';
import { startPage } from '../shared/start-page.tsx';
import { SignIn } from '../shared/ui/sign-in.tsx';
import { OpsScreen } from './ops-screen.tsx';

startSession('ops');

/** Operations for those who are signed in; the sign-in form for the others. */
function Ops() {
  return token.value ? <OpsScreen key={token.value} /> : <SignIn app="ops" />;
}

startPage(() => <Ops />);
