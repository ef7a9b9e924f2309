/** MQTT topics of own devices: `v1/{tenant}/{deviceId}/up` and `…/down`. */
export function uplinkTopic(tenant: string, deviceId: string): string {
  return `v1/${tenant}/${deviceId}/up`;
}
export function downlinkTopic(tenant: string, deviceId: string): string {
  return `v1/${tenant}/${deviceId}/down`;
}

/** Username prefix of integration credentials: `integration:{id}`. */
export const INTEGRATION_PREFIX = 'integration:';

const NATIVE = /^v1\/([^/]+)\/([^/]+)\/up$/;

/** Splits a native uplink topic; undefined when it is not one. */
export function parseUplinkTopic(topic: string): { tenant: string; deviceId: string } | undefined {
  const match = NATIVE.exec(topic);
  return match ? { tenant: match[1]!, deviceId: match[2]! } : undefined;
}

/** Topics each network server publishes on, as regular expressions; an integration may publish only its own. */
export const SOURCE_TOPICS: Record<string, RegExp> = {
  // The Things Stack MQTT: v3/{application id}@{tenant id}/devices/{device id}/…; "@tenant" absent in Open Source
  'things-stack':
    /^v3\/[^/]+\/devices\/[^/]+\/(up|up\/normalized|join|down\/(queued|sent|ack|nack|failed|invalidated)|service\/data|location\/solved)$/,
  // ChirpStack MQTT: application/{id}/device/{devEUI}/event/{event}; "error" is of v3
  chirpstack: /^application\/[^/]+\/device\/[^/]+\/event\/(up|join|ack|txack|status|log|location|integration|error)$/,
  // Sparkplug B: spBv1.0/{group}/{type}/{edge node}[/{device}]; a bridge also forwards commands and STATE
  sparkplug: /^spBv1\.0\/[^/]+(\/[^/]+){1,3}$/,
  senml: /^senml\/[^/]+\/up$/,
  // where the network's user chooses the topic: what their documents propose, or anything under the source's own name
  thingpark: /^(mqtt\/things\/[^/]+\/[A-Za-z_]+|thingpark(\/[^/]+){1,6})$/,
  helium: /^helium(\/[^/]+){1,6}$/,
  loriot: /^loriot(\/[^/]+){1,6}$/,
  kpn: /^kpn(\/[^/]+){1,6}$/,
  'milesight-nb': /^milesight-nb(\/[^/]+){1,6}$/,
  deposits: /^deposits(\/[^/]+){1,6}$/,
  crane: /^crane(\/[^/]+){1,6}$/,
  weighbridge: /^weighbridge(\/[^/]+){1,6}$/,
};

/** Topic filters on which a network server's own connection may wait for downlinks. */
export const SOURCE_DOWN_FILTERS: Record<string, RegExp> = {
  'things-stack': /^v3\/[^/#]+\/devices\/[^/#]+\/down\/(push|replace)$/,
  chirpstack: /^application\/[^/#]+\/device\/[^/#]+\/command\/down$/,
  // an edge node must be able to listen for commands to itself and its devices, and for the state of its host
  sparkplug: /^spBv1\.0\/(STATE\/[^/#]+|[^/#]+\/[ND]CMD\/[^/#]+(\/([^/#]+|#))?)$/,
};

/** Tells whether a topic matches an MQTT filter of whole levels, "+" and a last "#" (MQTT 3.1.1 §4.7). */
export function matchesFilter(topic: string, filter: string): boolean {
  const [levels, wanted] = [topic.split('/'), filter.split('/')];
  const isOpen = wanted.at(-1) === '#';
  if (isOpen) wanted.pop();
  const fits = isOpen ? levels.length >= wanted.length : levels.length === wanted.length;
  return fits && wanted.every((level, i) => level === '+' || level === levels[i]);
}
