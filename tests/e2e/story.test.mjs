import { test } from 'node:test';
import { decision } from './stories/decision.mjs';
import * as keyboard from './support/keyboard.mjs';
import { missing } from './support/paths.mjs';
import { inWorld } from './support/world.mjs';

test('two windows edit one branch apart, a person decides by keyboard alone, and everybody agrees', {
  skip: missing,
}, () => inWorld((world) => decision(world, keyboard)));
