import { RondeError, type ReplayResult } from '@ronde/contracts';
import { replayPage, type LetterParts } from './replay-letters.ts';

export interface Replayer {
  /**
   * Handles the frame of a dead letter again; replaying twice stores nothing twice.
   * @throws RondeError RESOURCE_UNKNOWN
   */
  deadLetter(tenant: string, id: string): Promise<ReplayResult>;
}

export function createReplayer(parts: LetterParts): Replayer {
  return {
    async deadLetter(tenant, id) {
      const letter = await parts.registry.deadLetters.get(tenant, id);
      if (!letter) throw new RondeError('RESOURCE_UNKNOWN', `no dead letter ${id}`);
      const { after, readings } = await replayPage(parts, tenant, [letter]);
      const { status, code, reason } = after[0]!;
      return status === 'open' ? { id, status, readings, code, reason } : { id, status: 'replayed', readings };
    },
  };
}
