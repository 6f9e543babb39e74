/** What of a row of the registry a reader needs. */
interface Row {
  readonly retryable: boolean;
  readonly httpStatus: number;
  readonly nextStep: string;
}

const head = `# Error codes

Written from the registry of \`@helix-agents/core\` by \`npm run docs:reference\`; change that, not this page.

Each error that leaves a package is a [HelixError](core.md#helixerror) with one of these codes, which keep their meaning; \`errorTable\` has
them as data. The part before the first \`_\` is its \`category\`. Retryable: the same may succeed later with nothing changed; an error may
know better and say otherwise (\`error.retryable\`). HTTP is what \`AgentServer\` answers. What a server does not start with has codes of
its own: [PostgresStartErrorCode](postgres-embedded.md#postgresstarterrorcode).`;

/** The page of the error codes, a table for each category. */
export function errorPage(table: Readonly<Record<string, Row>>): string {
  const byCategory = Map.groupBy(Object.entries(table), ([code]) => code.slice(0, code.indexOf('_')));
  const sections = Array.from(byCategory, ([category, rows]) =>
    [
      `## ${category}\n`,
      '| Code | Retryable | HTTP | What to do |',
      '| --- | --- | --- | --- |',
      ...rows.map(
        ([code, row]) => `| \`${code}\` | ${row.retryable ? 'yes' : 'no'} | ${row.httpStatus} | ${row.nextStep} |`,
      ),
    ].join('\n'),
  );
  return `${[head, ...sections].join('\n\n')}\n`;
}
