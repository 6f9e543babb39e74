/** What a role may have been given, for its own reports or by a careful administrator: `options` of a connection. */
export const oddSettings = Object.entries({
  default_transaction_isolation: 'serializable',
  default_transaction_deferrable: 'on',
  statement_timeout: '10s',
  lock_timeout: '10s',
  idle_in_transaction_session_timeout: '50ms',
  search_path: 'pg_temp',
  timezone: 'Asia/Kathmandu',
  datestyle: 'German,DMY',
  intervalstyle: 'sql_standard',
  extra_float_digits: '0',
  standard_conforming_strings: 'off',
  array_nulls: 'off',
  transform_null_equals: 'on',
  plan_cache_mode: 'force_generic_plan',
  client_min_messages: 'debug1',
})
  .map(([name, value]) => `-c ${name}=${value}`)
  .join(' ');
