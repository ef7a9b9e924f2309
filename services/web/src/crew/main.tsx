import { startSession, token } from '../shared/session.ts';
import { startPage } from '../shared/start-page.tsx';
import { CrewScreen } from './crew-screen.tsx';
import { installWorker } from './install-worker.ts';
import { SignInPage } from './sign-in-page.tsx';

startSession('crew');

/** The round for a tablet that is signed in; how to sign in for the others. */
function Crew() {
  return token.value ? <CrewScreen key={token.value} /> : <SignInPage />;
}

startPage(() => <Crew />);
void installWorker();
