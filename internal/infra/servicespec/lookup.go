package servicespec

// Want is a record that a lookup asks for: whoever evaluates reads it, if it is the person's own, and puts it into
// Facts.Found.
type Want struct {
	LookupKey
	Lookup *Lookup
}

// Wanted returns the records that can be looked up with the answers so far and have not been: the person has agreed, and
// the key is known. With what is found more may be wanted, so callers ask again until nothing is.
func (s *Service) Wanted(a Answers, f Facts) []Want {
	if len(s.pack.Lookups) == 0 {
		return nil
	}
	w := s.walk(a, &f, false)
	var out []Want
	for i := range s.pack.Lookups {
		l := &s.pack.Lookups[i]
		key, ok := w.lookupKey(l)
		if !ok {
			continue
		}
		if _, made := f.Found[key]; !made {
			out = append(out, Want{key, l})
		}
	}
	return out
}

// lookupKey returns the key of a lookup; ok is false while the person has not agreed or the key is not known.
func (sc *scope) lookupKey(l *Lookup) (LookupKey, bool) {
	u := sc.s.lookupUse(l.Name)
	if u == nil || sc.vars[l.Consent] != true {
		return LookupKey{}, false
	}
	v, known, _ := sc.value(u)
	key, isText := v.(string)
	return LookupKey{l.Name, key}, known && isText && key != ""
}

func (s *Service) lookupUse(name string) *use {
	for _, u := range s.derivedUses["lookup."+name+".found"] {
		return u
	}
	return nil
}

// lookup returns the record that a lookup found.
func (sc *scope) lookup(name string) (found bool, record map[string]any) {
	for i := range sc.s.pack.Lookups {
		l := &sc.s.pack.Lookups[i]
		if l.Name != name {
			continue
		}
		key, ok := sc.lookupKey(l)
		if !ok {
			return false, nil
		}
		record = sc.f.Found[key]
		return record != nil, record
	}
	return false, nil
}

// lookupMade reports whether somebody has looked.
func (sc *scope) lookupMade(l *Lookup) (record map[string]any, made bool) {
	key, ok := sc.lookupKey(l)
	if !ok {
		return nil, false
	}
	record, made = sc.f.Found[key]
	return record, made
}
