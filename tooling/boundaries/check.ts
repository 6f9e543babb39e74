// Holds the workspaces against the table of rooms; prints one line for each violation.
import { repository } from '../workspaces.ts';
import { ambientRules, rooms } from './rooms.ts';
import { violations } from './violations.ts';
import { readWorkspaceFacts } from './workspace-facts.ts';

const workspaces = readWorkspaceFacts(repository);
const found = violations(workspaces, { rooms, ambientRules });
for (const violation of found) console.error(violation);
console.log(`${workspaces.length} workspaces, ${found.length} boundary violations`);
process.exitCode = found.length > 0 || workspaces.length === 0 ? 1 : 0;
