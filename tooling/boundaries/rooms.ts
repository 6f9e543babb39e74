/**
 * Who may import whom: the one table. `check.ts` holds the manifests, the imports and the compiler's references of every
 * workspace against it. A package without a row is refused, so a new one starts here, and so is a row without its package.
 */
export interface Room {
  /** Workspaces that its shipped code may import. */
  imports: readonly string[];
  /** Runs on any platform: compiled without Node's types, bundled without a `node:` import. */
  neutral?: true;
  /** Folders of its sources, the highest first: none but tests imports from one above it. Others may import any. */
  floors?: readonly string[];
}

const core = 'packages/core';

const coreFloors = [
  'src/testing',
  'src/loop/entry',
  'src/loop/drive',
  'src/loop/sink',
  'src/loop/step',
  'src/loop/model',
  'src/loop/tools',
  'src/loop/owner',
  'src/loop/lease',
  'src/loop/decide',
  'src/agent',
  'src/stream',
  'src/contracts',
  'src/session',
  'src/state',
  'src/ports',
  'src/errors',
  'src/values',
];

export const rooms: Record<string, Room> = {
  'packages/core': { imports: [], neutral: true, floors: coreFloors },
  'packages/sdk': { imports: [core, 'packages/runtime-js', 'packages/store-memory'], neutral: true },
  'packages/runtime-js': { imports: [core], neutral: true },
  'packages/store-memory': { imports: [core], neutral: true },
  'packages/store-postgres': { imports: [core] },
  'packages/llm-vercel': { imports: [core], neutral: true },
  'packages/agent-server': { imports: [core, 'packages/ai-sdk'] },
  'packages/ai-sdk': { imports: [core], neutral: true },
  'packages/postgres-embedded': { imports: [] },
  'packages/conformance': { imports: [core, 'packages/store-memory'] },
};

/** What a library may not touch and a program may: the ambient process around it. */
export interface AmbientRule {
  /** Folders that the rule holds in. */
  within: RegExp;
  /** As `check.ts` finds it in the code. A bare name stands for all of its members. */
  forbids: readonly string[];
  /** Files that are exempt, because they are where a program begins. */
  except: RegExp;
  reason: string;
}

export const ambientRules: readonly AmbientRule[] = [
  {
    within: /^packages\//,
    forbids: ['process.env', 'process.exit', 'console'],
    except: /\/(bin\/.*|main|cli)\.ts$/,
    reason: 'a library takes options, returns values and throws; the environment, the console and exit are a program’s',
  },
  {
    within: /^examples\//,
    forbids: ['process.env'],
    except: /\/(main|config)\.ts$/,
    reason: 'a program reads its environment once, by schema, in main.ts or config.ts',
  },
  {
    within: /^packages\/(core|runtime-js|store-memory|llm-vercel|agent-server|ai-sdk)\//,
    forbids: [
      'Date.now',
      'new Date()',
      'performance.now',
      'Math.random',
      'crypto.randomUUID',
      'crypto.getRandomValues',
      'setTimeout',
      'setInterval',
      'setImmediate',
    ],
    // What is taken where nobody gives a port, or the time; and a page, which has none.
    except:
      /^packages\/(core\/src\/ports\/default-ports\.ts$|llm-vercel\/src\/map-vercel-error\.ts$|ai-sdk\/src\/client\/)/,
    reason: 'time, chance and ids are ports: neither a test nor the simulation can hold still what is around them',
  },
];
