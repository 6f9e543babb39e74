/**
 * How a cluster is made: sorted by code point and with Unicode's letters, the same on every machine, whatever its locales. Servers
 * before 17 know the letters of ASCII alone then; they run where the stores are tested on them.
 */
export function initdbArguments(majorVersion: string): readonly string[] {
  const letters = Number(majorVersion) < 17 ? [] : ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  return [
    '--username=postgres',
    '--auth=scram-sha-256',
    '--pwfile=../password',
    '--encoding=UTF8',
    '--locale=C',
    ...letters,
    '--no-instructions',
  ];
}
