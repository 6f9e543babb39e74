/**
 * Packs every package, looks at each tarball as a registry's visitor would, then installs them all in an empty folder
 * outside the repository, where the first sample of the README has to compile and run, a Postgres to start, CommonJS to get them, all three
 * also with the oldest Node that we promise, the strictest of applications to compile and run, agents to run whose schemas are not of Zod, and an application
 * to compile that has other patches of what it shares with us.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publishedPackages, repository } from '../workspaces.ts';
import { commonJsRequires } from './common-js.ts';
import { manifestProblems } from './manifest-problems.ts';
import { oldestNodeRuns } from './oldest-node.ts';
import { otherPatchesCompile } from './other-patches.ts';
import { otherSchemasWork } from './other-schemas.ts';
import { postgresStarts } from './postgres-starts.ts';
import { readmeAgentRuns } from './readme-agent.ts';
import { strictApplicationWorks } from './strict-application.ts';
import { packAll, tarballProblems } from './tarballs.ts';

const folder = mkdtempSync(join(tmpdir(), 'helix-packages-'));
try {
  const tarballs = packAll(repository, folder);
  const manifests = publishedPackages(repository).map(({ manifest }) => manifest);
  const problems = tarballs.flatMap((tarball) => [
    ...tarballProblems(tarball),
    ...manifests
      .filter(({ name }) => name === tarball.name)
      .flatMap((own) => manifestProblems(tarball, own, manifests)),
  ]);
  for (const problem of problems) console.error(problem);
  if (problems.length === 0) {
    const consumer = join(folder, 'consumer');
    console.log(readmeAgentRuns(join(repository, 'README.md'), consumer, tarballs));
    postgresStarts(consumer);
    oldestNodeRuns(consumer, ['agent.ts', 'postgres.mjs', commonJsRequires(consumer)]);
    strictApplicationWorks(consumer);
    otherSchemasWork(consumer);
    otherPatchesCompile(consumer);
  }
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
