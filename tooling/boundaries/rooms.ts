/**
 * Who may import whom: the one table. `check.ts` holds the manifests, the imports and the compiler's references of every
 * workspace against it. A workspace without a row is refused, so a new one starts here.
 */
export interface Room {
  /** Workspaces that its shipped code may import. */
  imports: readonly string[];
  /** Workspaces of which it may import types only. */
  typesOf?: readonly string[];
  /** Backends that its `main.ts`, and no other file, may choose. */
  composes?: readonly string[];
  /** Runs on any platform: compiled without Node's types, bundled without a `node:` import. */
  neutral?: true;
}

const core = 'packages/core';
const protocol = 'platform/protocol';

export const rooms: Record<string, Room> = {
  'packages/core': { imports: [], neutral: true },
  'packages/sdk': { imports: [core, 'packages/runtime-js', 'packages/store-memory'], neutral: true },
  'packages/runtime-js': { imports: [core], neutral: true },
  'packages/runtime-temporal': { imports: [core] },
  'packages/runtime-cloudflare': { imports: [core, 'packages/runtime-js'] },
  'packages/runtime-dbos': { imports: [core] },
  'packages/store-memory': { imports: [core], neutral: true },
  'packages/store-postgres': { imports: [core] },
  'packages/store-redis': { imports: [core] },
  'packages/store-cloudflare': { imports: [core] },
  'packages/llm-vercel': { imports: [core], neutral: true },
  'packages/memory': { imports: [core] },
  'packages/workspace': { imports: [core] },
  'packages/agent-server': { imports: [core, 'packages/ai-sdk'] },
  'packages/ai-sdk': { imports: [core], neutral: true },
  'packages/postgres-embedded': { imports: [] },
  'packages/conformance': { imports: [core, 'packages/store-memory'] },

  'platform/protocol': { imports: [], typesOf: [core] },
  'platform/engine': { imports: [protocol, 'packages/store-postgres'] },
  'platform/control-plane': { imports: [protocol, 'platform/engine'], composes: ['packages/store-postgres'] },
  'platform/dispatcher': { imports: [protocol, 'platform/engine'], composes: ['packages/store-postgres'] },
  'platform/sandbox': { imports: [protocol] },
  'platform/guest': { imports: [protocol, core, 'packages/runtime-js'] },
  'platform/worker': { imports: [protocol, 'platform/sync'], composes: ['platform/sandbox'] },
  'platform/helm-agent': { imports: [protocol, 'platform/worker', 'platform/sync'], composes: ['platform/sandbox'] },
  'platform/sync': { imports: [protocol] },
  'platform/client': { imports: [protocol] },
  'platform/console': { imports: ['platform/client'] },
  'platform/cli': { imports: ['platform/client'] },
};

/** What a library may not touch and a program may: the ambient process around it. */
export interface AmbientRule {
  /** Top-level folder that the rule holds in. */
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
    within: /^(platform|examples)\//,
    forbids: ['process.env'],
    except: /\/(main|config)\.ts$/,
    reason: 'a program reads its environment once, by schema, in main.ts or config.ts',
  },
];
