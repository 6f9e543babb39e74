export { withoutEmpty } from './without-empty.ts';
export { modelVariables, readModel, type ModelSettings, type RealModel } from './model-settings.ts';
export { connectModel } from './connect-model.ts';
export { readDatabaseUrl } from './database-url.ts';
export { openDatabase, type Database } from './open-database.ts';
export { misuse, Problem, type Failure } from './problem.ts';
