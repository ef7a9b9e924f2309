/** What every service and adapter with a life of its own can do; a factory returns it not yet started. */
export interface Service {
  /** Opens what the service needs; resolves when it is ready for work. */
  start(): Promise<void>;
  /** Finishes work in hand and closes everything it opened; safe to call twice. */
  stop(): Promise<void>;
}
