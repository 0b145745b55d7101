package rule

import (
	"fmt"
	"reflect"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// rowPrefix makes the name of a row's type from the name of its group.
const rowPrefix = "row."

// rowTypes knows the questions of rows, so that a name that is none is found when a rule is checked.
type rowTypes struct {
	types.Provider
	rows map[string]Fields
}

func (p *rowTypes) group(structType string) (Fields, bool) {
	if len(structType) < len(rowPrefix) || structType[:len(rowPrefix)] != rowPrefix {
		return nil, false
	}
	f, ok := p.rows[structType[len(rowPrefix):]]
	return f, ok
}

// FindStructType is part of types.Provider.
func (p *rowTypes) FindStructType(name string) (*types.Type, bool) {
	if _, ok := p.group(name); ok {
		return types.NewTypeTypeWithParam(cel.ObjectType(name)), true
	}
	return p.Provider.FindStructType(name)
}

// FindStructFieldNames is part of types.Provider.
func (p *rowTypes) FindStructFieldNames(name string) ([]string, bool) {
	if f, ok := p.group(name); ok {
		var names []string
		for n := range f {
			names = append(names, n)
		}
		return names, true
	}
	return p.Provider.FindStructFieldNames(name)
}

// FindStructFieldType is part of types.Provider.
func (p *rowTypes) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	f, ok := p.group(name)
	if !ok {
		return p.Provider.FindStructFieldType(name, field)
	}
	t, ok := f[field]
	if !ok {
		return nil, false
	}
	ct, err := t.cel()
	return &types.FieldType{Type: ct}, err == nil
}

// Row gives the answers of a row by the name of the question; nil for what is not answered.
type Row func(field string) any

// rowValue is a row as CEL sees it: an unanswered question of it is undecided, and not an error.
type rowValue struct {
	get    Row
	fields Fields
}

var rowValueType = types.NewObjectType("row")

// Get is part of traits.Indexer, by which fields are selected.
func (r rowValue) Get(index ref.Val) ref.Val {
	name, ok := index.(types.String)
	if !ok {
		return types.MaybeNoSuchOverloadErr(index)
	}
	if v, ok := toCEL(r.fields[string(name)], nil, r.get(string(name))); ok {
		return types.DefaultTypeAdapter.NativeToValue(v)
	}
	return undecided
}

// ConvertToNative is part of ref.Val.
func (r rowValue) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("rule: a row is no %v", t)
}

// ConvertToType is part of ref.Val.
func (r rowValue) ConvertToType(ref.Type) ref.Val { return types.NewErr("a row is nothing else") }

// Equal is part of ref.Val. Rows are compared by their answers, never whole.
func (r rowValue) Equal(ref.Val) ref.Val { return types.False }

// Type is part of ref.Val.
func (r rowValue) Type() ref.Type { return rowValueType }

// Value is part of ref.Val.
func (r rowValue) Value() any { return r }
