/** First in, first out, until it is full: then the oldest goes. */
export interface DropOldestQueue<Item> {
  readonly size: number;
  /** Returns what fell out for it. */
  push(item: Item): Item | undefined;
  shift(): Item | undefined;
  clear(): void;
}

export function createDropOldestQueue<Item>(maxItems: number): DropOldestQueue<Item> {
  let items: (Item | undefined)[] = [];
  let head = 0;
  const queue: DropOldestQueue<Item> = {
    get size() {
      return items.length - head;
    },
    push(item) {
      items.push(item);
      return items.length - head > maxItems ? queue.shift() : undefined;
    },
    shift() {
      if (head === items.length) return undefined;
      const item = items[head];
      items[head++] = undefined;
      // The empty front is cut off now and then, not each time.
      if (head > maxItems || head === items.length) {
        items = items.slice(head);
        head = 0;
      }
      return item;
    },
    clear() {
      items = [];
      head = 0;
    },
  };
  return queue;
}
