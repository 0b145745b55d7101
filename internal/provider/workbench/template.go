package workbench

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/workbench/internal/workbenchdb"
	"digit/internal/provider/workflow"
)

// longestTemplate is the length of a template in each language, in characters.
const longestTemplate = 2000

// TemplateFields are what can be filled in where a template is used, written {reference} and so on.
var TemplateFields = []string{"reference", "name", "service", "state", "promised", "officer"}

// Template is a text with which officers of an agency begin messages to citizens, in each language. Service is "" for all of the agency's.
type Template struct {
	ID      uuid.UUID
	Agency  string
	Service string
	Name    string
	Body    i18n.Text
}

// For reports whether a template is for cases of a service of an agency.
func (t Template) For(agency, service string) bool {
	return t.Agency == agency && (t.Service == "" || t.Service == service)
}

// Filled is the text in a language, or in the one it falls back to, with its fields filled in; fields that there are not stay as they are.
func (t Template) Filled(lang, fallback string, fields map[string]string) string {
	var pairs []string
	for _, name := range TemplateFields {
		pairs = append(pairs, "{"+name+"}", fields[name])
	}
	return strings.NewReplacer(pairs...).Replace(t.Body.In(lang, fallback))
}

// Templates returns the templates of agencies in which somebody works, by name. Permission: workbench:use. Errors: ErrForbidden.
func (s *Service) Templates(ctx context.Context, tx *pg.Tx, by identity.Principal) (list []Template, err error) {
	defer fault.Wrap(&err, "workbench.Templates")
	if err := authorise(tx, by); err != nil {
		return nil, err
	}
	rows, err := db.ListTemplates(ctx, tx, agenciesOf(by))
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		t := Template{ID: r.ID, Agency: r.Agency, Service: r.Service, Name: r.Name}
		if err := json.Unmarshal(r.Body, &t.Body); err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

// PutTemplate keeps a template, a new one where ID is uuid.Nil, and returns its id. Permission: workflow:release in its agency.
// Errors: ErrForbidden, ErrTemplate, ErrNoTemplate.
func (s *Service) PutTemplate(ctx context.Context, tx *pg.Tx, by identity.Principal, t Template) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "workbench.PutTemplate")
	if err := authorise(tx, by); err != nil {
		return uuid.Nil, err
	}
	if t.Agency == "" || !by.MayIn(workflow.Release, t.Agency) {
		return uuid.Nil, ErrForbidden.With("permission", workflow.Release)
	}
	t.Name = strings.TrimSpace(t.Name)
	if wrong := t.wrong(); wrong != nil {
		return uuid.Nil, ErrTemplate.WithFields(wrong...)
	}
	if t.ID == uuid.Nil {
		t.ID = id.New()
	} else if was, err := db.GetTemplate(ctx, tx, t.ID); pg.NotFound(err) || err == nil && was.Agency != t.Agency {
		return uuid.Nil, ErrNoTemplate
	} else if err != nil {
		return uuid.Nil, err
	}
	body, err := json.Marshal(t.Body)
	if err != nil {
		return uuid.Nil, err
	}
	if err := db.PutTemplate(ctx, tx, workbenchdb.PutTemplateParams{
		ID: t.ID, Agency: t.Agency, Service: t.Service, Name: t.Name, Body: body, ChangedBy: by.Account, ChangedAt: tx.Now,
	}); err != nil {
		return uuid.Nil, err
	}
	return t.ID, audit.Record(ctx, tx, audit.Entry{
		Action: "workbench.template", Object: "workbench.template", ObjectID: t.ID, Detail: map[string]any{"agency": t.Agency, "service": t.Service},
	})
}

// wrong are the parts of a template that cannot be kept: its name, and texts that are too long or say nothing in any language.
func (t *Template) wrong() (wrong []fault.Field) {
	if n := utf8.RuneCountInString(t.Name); n == 0 || n > longestName {
		wrong = append(wrong, fault.Field{Path: "name", Code: ErrSaved.Code, Args: map[string]any{"max": longestName}})
	}
	body := i18n.Text{}
	for lang, text := range t.Body {
		text = strings.TrimSpace(text)
		if utf8.RuneCountInString(text) > longestTemplate {
			wrong = append(wrong, fault.Field{Path: "body." + lang, Code: ErrTemplate.Code, Args: map[string]any{"max": longestTemplate}})
		}
		if text != "" {
			body[lang] = text
		}
	}
	if len(body) == 0 {
		wrong = append(wrong, fault.Field{Path: "body", Code: ErrTemplate.Code, Args: map[string]any{"max": longestTemplate}})
	}
	t.Body = body
	slices.SortFunc(wrong, func(a, b fault.Field) int { return strings.Compare(a.Path, b.Path) })
	return wrong
}

// RemoveTemplate takes a template away. Permission: workflow:release in its agency. Errors: ErrForbidden, ErrNoTemplate.
func (s *Service) RemoveTemplate(ctx context.Context, tx *pg.Tx, by identity.Principal, template uuid.UUID) (err error) {
	defer fault.Wrap(&err, "workbench.RemoveTemplate(%s)", template)
	if err := authorise(tx, by); err != nil {
		return err
	}
	t, err := db.GetTemplate(ctx, tx, template)
	if pg.NotFound(err) || err == nil && !by.MayIn(workflow.Release, t.Agency) {
		return ErrNoTemplate
	}
	if err != nil {
		return err
	}
	if err := db.DeleteTemplate(ctx, tx, template); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "workbench.remove_template", Object: "workbench.template", ObjectID: template, Detail: map[string]any{"agency": t.Agency},
	})
}
