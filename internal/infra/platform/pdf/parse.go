package pdf

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strconv"
)

// The values of PDF objects besides int, bool, nil, []any and map[string]any. Real numbers stay names:
// nothing we read needs them.
type (
	reference int
	nameValue string
	textValue string
)

// parser reads PDF values from a place on. It refuses what is nested deeper than maxDepth.
type parser struct {
	data []byte
	pos  int
}

const maxDepth = 16

var errSyntax = errors.New("syntax")

// take steps over a text if it stands here.
func (p *parser) take(s string) bool {
	if !bytes.HasPrefix(p.data[p.pos:], []byte(s)) {
		return false
	}
	p.pos += len(s)
	return true
}

func (p *parser) peek() byte {
	if p.pos >= len(p.data) {
		return 0
	}
	return p.data[p.pos]
}

func (p *parser) skip() {
	for p.pos < len(p.data) && bytes.IndexByte([]byte(" \n\r\t\f\x00"), p.data[p.pos]) >= 0 {
		p.pos++
	}
}

func (p *parser) value(depth int) (any, error) {
	p.skip()
	c := p.peek()
	switch {
	case depth > maxDepth:
		return nil, errSyntax
	case p.take("<<"):
		return p.dict(depth)
	case p.take("["):
		return p.array(depth)
	case c == '<':
		return p.hex()
	case c == '(':
		return p.literal()
	case c == '/':
		return p.name(), nil
	case c >= '0' && c <= '9':
		return p.numberOrReference()
	}
	word := p.word()
	switch word {
	case "":
		return nil, errSyntax
	case "true", "false":
		return word == "true", nil
	case "null":
		return nil, nil
	}
	return nameValue(word), nil
}

func (p *parser) dict(depth int) (any, error) {
	d := map[string]any{}
	for {
		p.skip()
		if p.take(">>") {
			return d, nil
		}
		if p.peek() != '/' {
			return nil, errSyntax
		}
		key := string(p.name())
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if _, twice := d[key]; twice {
			return nil, errSyntax
		}
		d[key] = v
	}
}

func (p *parser) array(depth int) (any, error) {
	out := []any{}
	for {
		p.skip()
		if p.take("]") {
			return out, nil
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
}

// word reads up to the next delimiter.
func (p *parser) word() string {
	start := p.pos
	for p.pos < len(p.data) && bytes.IndexByte([]byte(" \n\r\t\f\x00/<>[]()%{}"), p.data[p.pos]) < 0 {
		p.pos++
	}
	return string(p.data[start:p.pos])
}

func (p *parser) name() nameValue {
	p.pos++
	return nameValue(p.word())
}

// integer reads digits; at most nine, so that it fits everywhere.
func (p *parser) integer() (int, error) {
	start := p.pos
	for p.pos < len(p.data) && p.data[p.pos] >= '0' && p.data[p.pos] <= '9' && p.pos-start < 10 {
		p.pos++
	}
	return strconv.Atoi(string(p.data[start:p.pos]))
}

func (p *parser) numberOrReference() (any, error) {
	n, err := p.integer()
	if err != nil {
		return nil, errSyntax
	}
	if p.take(" 0 R") {
		return reference(n), nil
	}
	if p.peek() == '.' {
		return nameValue(strconv.Itoa(n) + p.word()), nil
	}
	return n, nil
}

func (p *parser) hex() (any, error) {
	end := bytes.IndexByte(p.data[p.pos:], '>')
	if end < 0 {
		return nil, errSyntax
	}
	b, err := hex.DecodeString(string(p.data[p.pos+1 : p.pos+end]))
	if err != nil {
		return nil, errSyntax
	}
	p.pos += end + 1
	return textValue(b), nil
}

func (p *parser) literal() (any, error) {
	var out []byte
	for p.pos++; p.pos < len(p.data); p.pos++ {
		switch c := p.data[p.pos]; c {
		case ')':
			p.pos++
			return textValue(out), nil
		case '\\':
			p.pos++
			if p.pos < len(p.data) {
				out = append(out, p.data[p.pos])
			}
		default:
			out = append(out, c)
		}
	}
	return nil, errSyntax
}
