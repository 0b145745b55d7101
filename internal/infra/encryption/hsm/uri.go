// Package hsm keeps the key to the root keyset in a security module that is reached through PKCS#11: an AES key of the token
// wraps and unwraps (CKM_AES_GCM) and never leaves it.
//
// Security modules come as libraries written in C, so that only a program built with `-tags pkcs11` can use them; others say
// so. The key is made with the module's own tools: an AES key of 256 bits that may encrypt and decrypt, sensitive, not
// extractable.
package hsm

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// address is what an RFC 7512 URI says of a key: "pkcs11:token=digit;object=root?module-path=/usr/lib/…/libsofthsm2.so".
type address struct {
	text                         string
	token, object, module, pinAt string
}

func parse(text string) (a address, err error) {
	body, ok := strings.CutPrefix(text, "pkcs11:")
	if !ok {
		return a, fmt.Errorf("hsm: %q is no pkcs11: URI", text)
	}
	path, query, _ := strings.Cut(body, "?")
	a.text = "pkcs11:" + path
	for _, list := range []struct {
		text, sep string
		take      map[string]*string
	}{
		{path, ";", map[string]*string{"token": &a.token, "object": &a.object}},
		{query, "&", map[string]*string{"module-path": &a.module, "pin-source": &a.pinAt}},
	} {
		for _, pair := range strings.FieldsFunc(list.text, func(r rune) bool { return string(r) == list.sep }) {
			name, value, _ := strings.Cut(pair, "=")
			into := list.take[name]
			if into == nil {
				return a, fmt.Errorf("hsm: %q is not understood here; known are token, object, module-path and pin-source", name)
			}
			if *into, err = url.PathUnescape(value); err != nil {
				return a, fmt.Errorf("hsm: %s: %w", name, err)
			}
		}
	}
	a.pinAt = strings.TrimPrefix(a.pinAt, "file:")
	if a.token == "" || a.object == "" || a.module == "" {
		return a, errors.New("hsm: the URI must name token, object and module-path")
	}
	return a, nil
}
