package encryption

import (
	"container/list"
	"sync"
	"time"

	"digit/internal/infra/platform/clock"
)

const (
	cacheSize = 20_000 // unwrapped keys, about 2 kB each
	// cacheTime is how long a key may be used without looking whether it still stands. Changes are heard of at once
	// (Listen); this is for when the line is down.
	cacheTime = 30 * time.Second
)

// cache keeps the keys used last. Its clock is the machine's: a demonstration's time travel has no say in it.
type cache struct {
	mu      sync.Mutex
	order   *list.List // of *cached, newest use first
	items   map[string]*list.Element
	cleared time.Time
}

// cached is a key, or the mark of one that was dropped: nothing read before the drop may bring it back.
type cached struct {
	name    string
	value   any
	until   time.Time
	dropped time.Time
}

func newCache() *cache {
	return &cache{order: list.New(), items: map[string]*list.Element{}}
}

func (c *cache) get(name string) (any, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.items[name]
	if !ok {
		return nil, false
	}
	item := e.Value.(*cached)
	if item.value == nil {
		return nil, false
	}
	if clock.Now().After(item.until) {
		c.order.Remove(e)
		delete(c.items, name)
		return nil, false
	}
	c.order.MoveToFront(e)
	return item.value, true
}

// put keeps what a transaction read that began at a moment of the machine's clock, unless it was dropped since.
func (c *cache) put(name string, value any, began time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.items[name]; ok && !e.Value.(*cached).dropped.Before(began) || !c.cleared.Before(began) {
		return
	}
	c.set(&cached{name: name, value: value, until: clock.Now().Add(cacheTime)})
}

// drop forgets a key, and what transactions that are under way may still bring of it.
func (c *cache) drop(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set(&cached{name: name, dropped: clock.Now()})
}

// remove forgets a key that turned out to be too old; what is read now may be kept.
func (c *cache) remove(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.items[name]; ok && e.Value.(*cached).value != nil {
		c.order.Remove(e)
		delete(c.items, name)
	}
}

// clear forgets all keys, and what transactions that are under way may still bring.
func (c *cache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.order.Init()
	clear(c.items)
	c.cleared = clock.Now()
}

func (c *cache) set(item *cached) {
	if e, ok := c.items[item.name]; ok {
		e.Value = item
		c.order.MoveToFront(e)
		return
	}
	c.items[item.name] = c.order.PushFront(item)
	for c.order.Len() > cacheSize {
		last := c.order.Back()
		c.order.Remove(last)
		delete(c.items, last.Value.(*cached).name)
	}
}
