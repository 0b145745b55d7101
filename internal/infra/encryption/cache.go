package encryption

import (
	"container/list"
	"sync"
	"time"

	"digit/internal/infra/platform/clock"
)

const (
	cacheSize = 20_000      // unwrapped keys, about 2 kB each
	cacheTime = time.Minute // how long a key forgotten elsewhere may still be used here
)

// cache keeps the keys used last. Its clock is the machine's: a demonstration's time travel has no say in it.
type cache struct {
	mu    sync.Mutex
	order *list.List // of *cached, newest use first
	items map[string]*list.Element
}

type cached struct {
	name  string
	value any
	until time.Time
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
	if clock.Now().After(item.until) {
		c.order.Remove(e)
		delete(c.items, name)
		return nil, false
	}
	c.order.MoveToFront(e)
	return item.value, true
}

func (c *cache) put(name string, value any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	item := &cached{name: name, value: value, until: clock.Now().Add(cacheTime)}
	if e, ok := c.items[name]; ok {
		e.Value = item
		c.order.MoveToFront(e)
		return
	}
	c.items[name] = c.order.PushFront(item)
	for c.order.Len() > cacheSize {
		last := c.order.Back()
		c.order.Remove(last)
		delete(c.items, last.Value.(*cached).name)
	}
}

func (c *cache) drop(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.items[name]; ok {
		c.order.Remove(e)
		delete(c.items, name)
	}
}
