/** MQTT broker: who may connect, what they may send, and an acknowledgement only after the commit. */
export { BrokerConfig } from './config.ts';
export { createBroker, type Broker, type BrokerDeps, type Downlink } from './service.ts';
export { openOpenBroker, type OpenBroker, type OpenBrokerOptions } from './open-broker.ts';
