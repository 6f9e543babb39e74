import { World, type WorldOptions } from './world.ts';

/** Worlds that live side by side: it takes one turn of the event loop to let the microtasks of all of them run. */
const width = 64;

/**
 * Runs worlds, one for each seed, until all are judged or `done` answers false. Each world is on its own: what order the others
 * run in makes no difference to it, since microtasks run in the order in which they were queued.
 */
export async function runWorlds(
  seeds: Iterable<number>,
  done: (world: World) => boolean,
  options: WorldOptions = {},
): Promise<void> {
  const waiting = seeds[Symbol.iterator]();
  const next = () => {
    const { value, done: over } = waiting.next();
    return over ? undefined : new World(value, options);
  };
  const first = Array.from({ length: width }, next);
  let worlds = first.filter((world) => world !== undefined);
  let goesOn = true;
  await everyTurn(() => {
    worlds = worlds.flatMap((world) => {
      if (!goesOn || world.step()) return [world];
      goesOn = done(world);
      return next() ?? [];
    });
    return goesOn && worlds.length > 0;
  });
}

/** One world, to its end. */
export async function runWorld(seed: number, options: WorldOptions = {}): Promise<World> {
  const worlds: World[] = [];
  await runWorlds([seed], (world) => worlds.push(world) > 0, options);
  const [world] = worlds;
  if (!world) throw new Error(`the world of seed ${seed} did not end`);
  return world;
}

/** Calls back on each turn of the event loop, after every microtask of the turn before, for as long as it answers true. */
function everyTurn(turn: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const { port1, port2 } = new MessageChannel();
    const end = (how: () => void) => {
      port1.close();
      how();
    };
    port1.addEventListener('message', () => {
      try {
        if (turn()) port2.postMessage(null);
        else end(resolve);
      } catch (error) {
        end(() => reject(error));
      }
    });
    port1.start();
    port2.postMessage(null);
  });
}
