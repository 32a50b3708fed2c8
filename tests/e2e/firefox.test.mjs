// The main stories in Debian's Firefox, driven over WebDriver BiDi: the same text as in Chromium.
import { test } from 'node:test';
import { decision } from './stories/decision.mjs';
import { handOver } from './stories/handOver.mjs';
import { live } from './stories/live.mjs';
import { tunnel } from './stories/tunnel.mjs';
import * as mouse from './support/mouse.mjs';
import { missingFirefox } from './support/paths.mjs';
import { inWorld } from './support/world.mjs';

const stories = {
  'an edit made without a server survives a reload and arrives when there is one': tunnel,
  'a second browser sees an edit live, and both hold the same rows': live,
  "the leading tab may close amid another tab's writes: all are answered, none is done twice": handOver,
  'two windows edit one branch apart, a person decides, and everybody agrees': (world) => decision(world, mouse),
};
for (const [name, story] of Object.entries(stories)) {
  test(`Firefox: ${name}`, { skip: missingFirefox }, () => inWorld(story, { engine: 'firefox' }));
}
