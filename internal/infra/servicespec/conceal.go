package servicespec

import "maps"

// Conceal takes out of pages the answers that their reader may not see, and those in texts that speak of them. The questions
// stay, Concealed, so that the reader knows that there is something.
func Conceal(pages []PageView, sees func(q *Question) bool) []PageView {
	for i := range pages {
		pages[i].says.limit(sees)
		concealAll(pages[i].Questions, sees)
	}
	return pages
}

func concealAll(questions []QuestionView, sees func(q *Question) bool) {
	for i := range questions {
		q := &questions[i]
		if !sees(q.Question) {
			q.Concealed, q.Value, q.Rows, q.Blank = true, nil, nil, RowView{}
			continue
		}
		if rows, ok := q.Value.(Rows); ok {
			q.Value = seenRows(q.Question, rows, sees)
		}
		for j := range q.Rows {
			q.Rows[j].says.limit(sees)
			concealAll(q.Rows[j].Questions, sees)
		}
	}
}

func seenRows(group *Question, rows Rows, sees func(q *Question) bool) Rows {
	out := make(Rows, len(rows))
	for i, row := range rows {
		out[i] = maps.Clone(row)
		for j := range group.Fields {
			if f := &group.Fields[j]; !sees(f) {
				delete(out[i], f.Code)
			}
		}
	}
	return out
}

// Seen returns the answers without those that their reader may not see.
func (s *Service) Seen(a Answers, sees func(q *Question) bool) Answers {
	out := Answers{}
	for code, v := range a {
		q := s.questions[code]
		if q == nil || !sees(&q.Question) {
			continue
		}
		if rows, ok := v.(Rows); ok {
			v = seenRows(&q.Question, rows, sees)
		}
		out[code] = v
	}
	return out
}
