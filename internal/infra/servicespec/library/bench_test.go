package library_test

import (
	"testing"

	"digit/internal/infra/servicespec"
	"digit/internal/infra/servicespec/library"
)

func BenchmarkCompile(b *testing.B) {
	p := library.Packs()[0]
	for b.Loop() {
		if _, err := servicespec.Compile(p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkValidate(b *testing.B) {
	s, err := servicespec.Compile(library.Packs()[0])
	if err != nil {
		b.Fatal(err)
	}
	a := servicespec.Answers{"for_whom": "other", "full_name": "Ana", "birth_date": "1985-03-27", "purpose": "other", "delivery": "counter"}
	for b.Loop() {
		s.Validate(a, facts)
	}
}
