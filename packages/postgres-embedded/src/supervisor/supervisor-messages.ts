import type { PostgresStartErrorCode } from '../postgres-start-error.ts';
import type { ProcessUser } from '../process/process-user.ts';

/** What the owner asks the supervisor to run: the one message in that direction. The end is the end of the connection. */
export interface ServerPlan {
  /** The folder with `bin`, `lib` and `share`. */
  readonly binariesFolder: string;
  readonly majorVersion: string;
  /** Whom Postgres runs as; absent for ourselves. */
  readonly user?: ProcessUser | undefined;
  /** Absolute; absent for temporary data. */
  readonly dataDir?: string | undefined;
  /** Where temporary data goes. */
  readonly temporaryRoot: string;
  /** Absent for any free one. */
  readonly port?: number | undefined;
  readonly syncNewCluster: boolean;
  readonly settings: readonly (readonly [name: string, value: string])[];
  readonly alsoEndWith: readonly number[];
}

/** What the supervisor tells its owner: exactly one of these, unless it is told to end before. */
export type SupervisorMessage =
  | { readonly type: 'ready'; readonly port: number; readonly password: string }
  | { readonly type: 'failed'; readonly failure: StartFailure };

/** Why there is no server: the supervisor knows, or a program ended and its last lines say why. */
export type StartFailure =
  | { readonly reason: 'refused'; readonly code: PostgresStartErrorCode; readonly what: string }
  | { readonly reason: 'exited'; readonly program: NativeProgram; readonly exit: ProcessExit };

/** A program of the Postgres package. */
export type NativeProgram = 'initdb' | 'postgres';

/** How a process ended. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}
