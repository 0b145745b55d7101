// Package browser drives a real Chromium from tests in the words a person would use:
//
//	b := browser.New(t)
//	p := b.Page(t, browser.Options{JS: true, Width: 360, Lang: "pt"})
//	p.Open(srv.URL + "/")
//	p.Fill("Nome completo", "Maria dos Santos")
//	p.Choose("Uma cópia digital")
//	p.Press("Continuar")
//	p.See("Confirme as suas respostas")
//	p.Axe()
//	p.Shot("check-answers")
//
// One headless browser serves the whole test process; every page has cookies and caches of its own. Whatever goes
// wrong fails the test at once, with the address and the text of the page. A script error on any page, or a breach of
// its Content-Security-Policy, fails the test too.
//
// Things are found by what people read: a field by its label (or its name), a button or link by its words, exactly or,
// if nothing is called so, by how the words begin. Screenshots are written to the directory named by DIGIT_SHOTS.
package browser
