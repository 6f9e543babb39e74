// `npm run build`, after the compiler wrote the declarations: one JavaScript file for each entry of a package, and one for what
// several of them share. A process that loads a package then reads a few files, not a hundred.
import { publishedPackages, repository } from '../workspaces.ts';
import { bundlePackage } from './bundle-package.ts';

await Promise.all(publishedPackages(repository).map((workspace) => bundlePackage(repository, workspace)));
