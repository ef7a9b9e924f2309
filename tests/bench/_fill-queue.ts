import mqtt from 'mqtt';

/*
 * Run as a process of its own: publishes QoS 1 messages that wait in a session. Arguments: port, number of messages.
 */
const [port = 0, count = 0] = process.argv.slice(2).map(Number);
const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5 });
const LANES = 100;
let next = 0;
const lane = async (): Promise<void> => {
  while (next < count) {
    const seq = next++;
    const payload = JSON.stringify({ fPort: 2, fCnt: seq, data: 'DTsDIAAAAAE=' });
    await client.publishAsync(`v1/default/bin-${seq % 100}/up`, payload, { qos: 1 });
  }
};
await Promise.all(Array.from({ length: LANES }, lane));
await client.endAsync();
