import { config } from 'zod';

// The AI SDK checks what comes with Zod, which tries whether it may write code as soon as a schema is made; the policy of the page
// forbids that. So this is loaded before everything else.
config({ jitless: true });
