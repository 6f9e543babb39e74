import type { Durability, SessionStateStore, Signals } from '@helix-agents/core';

type Operation = Exclude<keyof SessionStateStore, 'contract' | 'durability' | 'signals'>;
type Given<Name extends Operation> = Parameters<SessionStateStore[Name]>;
type Answer<Name extends Operation> = ReturnType<SessionStateStore[Name]>;

/** A store that hands everything on to another one, but for what a subclass does otherwise. */
export class ForwardingStore implements SessionStateStore {
  readonly contract = 'helix.session-state-store/2';
  readonly durability: Durability;
  readonly signals: Signals;
  protected readonly store: SessionStateStore;

  constructor(
    store: SessionStateStore,
    { durability, signals }: Pick<SessionStateStore, 'durability' | 'signals'> = store,
  ) {
    this.store = store;
    this.durability = durability;
    this.signals = signals;
  }

  load(...given: Given<'load'>): Answer<'load'> {
    return this.through('load', () => this.store.load(...given));
  }

  head(...given: Given<'head'>): Answer<'head'> {
    return this.through('head', () => this.store.head(...given));
  }

  commit(...given: Given<'commit'>): Answer<'commit'> {
    return this.through('commit', () => this.store.commit(...given));
  }

  messagesAfter(...given: Given<'messagesAfter'>): Answer<'messagesAfter'> {
    return this.through('messagesAfter', () => this.store.messagesAfter(...given));
  }

  findEndedRun(...given: Given<'findEndedRun'>): Answer<'findEndedRun'> {
    return this.through('findEndedRun', () => this.store.findEndedRun(...given));
  }

  listRuns(...given: Given<'listRuns'>): Answer<'listRuns'> {
    return this.through('listRuns', () => this.store.listRuns(...given));
  }

  listSessions(...given: Given<'listSessions'>): Answer<'listSessions'> {
    return this.through('listSessions', () => this.store.listSessions(...given));
  }

  deleteSession(...given: Given<'deleteSession'>): Answer<'deleteSession'> {
    return this.through('deleteSession', () => this.store.deleteSession(...given));
  }

  deliver(...given: Given<'deliver'>): Answer<'deliver'> {
    return this.through('deliver', () => this.store.deliver(...given));
  }

  settleCalls(...given: Given<'settleCalls'>): Answer<'settleCalls'> {
    return this.through('settleCalls', () => this.store.settleCalls(...given));
  }

  claimCalls(...given: Given<'claimCalls'>): Answer<'claimCalls'> {
    return this.through('claimCalls', () => this.store.claimCalls(...given));
  }

  openHolder(...given: Given<'openHolder'>): Answer<'openHolder'> {
    return this.through('openHolder', () => this.store.openHolder(...given));
  }

  renewHolder(...given: Given<'renewHolder'>): Answer<'renewHolder'> {
    return this.through('renewHolder', () => this.store.renewHolder(...given));
  }

  closeHolder(...given: Given<'closeHolder'>): Answer<'closeHolder'> {
    return this.through('closeHolder', () => this.store.closeHolder(...given));
  }

  claim(...given: Given<'claim'>): Answer<'claim'> {
    return this.through('claim', () => this.store.claim(...given));
  }

  claimDue(...given: Given<'claimDue'>): Answer<'claimDue'> {
    return this.through('claimDue', () => this.store.claimDue(...given));
  }

  listHeld(...given: Given<'listHeld'>): Answer<'listHeld'> {
    return this.through('listHeld', () => this.store.listHeld(...given));
  }

  /** The way that every operation takes which no subclass replaces. */
  protected through<T>(_operation: Operation, perform: () => Promise<T>): Promise<T> {
    return perform();
  }
}
