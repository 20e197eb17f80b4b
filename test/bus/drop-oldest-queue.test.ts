import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDropOldestQueue } from '../../src/bus/drop-oldest-queue.js';

test('keeps the newest, in order, and hands back what falls out', () => {
  const steps = fc.array(fc.oneof(fc.nat(), fc.constant('shift' as const), fc.constant('clear' as const)), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7 }), steps, (max, all) => {
      const queue = createDropOldestQueue<number>(max);
      let model: number[] = [];
      for (const step of all) {
        if (step === 'shift') expect(queue.shift()).toBe(model.shift());
        else if (step === 'clear') {
          queue.clear();
          model = [];
        } else {
          model.push(step);
          expect(queue.push(step)).toBe(model.length > max ? model.shift() : undefined);
        }
        expect(queue.size).toBe(model.length);
      }
    }),
  );
});
