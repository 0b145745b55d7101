package whatsapp

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"digit/internal/infra/platform/carrier"
)

// stored is what Meta says of a file that it keeps. Its address is good for five minutes.
type stored struct {
	URL    string
	SHA256 string      // in hexadecimal digits, or in base 64
	Size   json.Number `json:"file_size"` // a number, or the same as text
}

// Fetch reads a file that somebody sent: Meta is asked for its address, which is opened with the same token. most is how many bytes are
// taken. Errors: carrier.ErrRefused where Meta keeps it no more, carrier.ErrLarge; anything else may be tried again.
func (c Carrier) Fetch(ctx context.Context, settings map[string]string, ref string, most int64) (content []byte, err error) {
	about := base(settings) + "/" + url.PathEscape(ref) + "?" + url.Values{"phone_number_id": {settings["phone_number_id"]}}.Encode()
	answer, err := c.get(ctx, settings, about, mostAnswer)
	if err != nil {
		return nil, err
	}
	var f stored
	if err := json.Unmarshal(answer, &f); err != nil {
		return nil, fmt.Errorf("whatsapp: what is said of a file is no JSON")
	}
	if n, err := f.Size.Int64(); err == nil && n > most {
		return nil, carrier.ErrLarge
	}
	if !trusted(f.URL, base(settings)) {
		return nil, fmt.Errorf("whatsapp: a file lies where no token is sent")
	}
	if content, err = c.get(ctx, settings, f.URL, most); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	if f.SHA256 != "" && !strings.EqualFold(f.SHA256, hex.EncodeToString(sum[:])) && f.SHA256 != base64.StdEncoding.EncodeToString(sum[:]) {
		return nil, fmt.Errorf("whatsapp: a file is not what was said of it")
	}
	return content, nil
}

// trusted reports whether the token may go to an address: to the API's own host, and to those where Meta keeps files.
func trusted(address, api string) bool {
	at, err := url.Parse(address)
	own, ownErr := url.Parse(api)
	if err != nil || ownErr != nil {
		return false
	}
	if at.Scheme == own.Scheme && at.Host == own.Host {
		return true
	}
	host := at.Hostname()
	return at.Scheme == "https" && (host == "lookaside.fbsbx.com" || strings.HasSuffix(host, ".facebook.com") || strings.HasSuffix(host, ".whatsapp.net"))
}

// get reads at most so many bytes from an address of Meta.
func (c Carrier) get(ctx context.Context, settings map[string]string, address string, most int64) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("whatsapp: api_url in the settings is no address")
	}
	req.Header.Set("Authorization", "Bearer "+settings["token"])
	res, err := c.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("whatsapp: %w", err)
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusGone || res.StatusCode == http.StatusBadRequest:
		return nil, fmt.Errorf("whatsapp: answered %d: %w", res.StatusCode, carrier.ErrRefused)
	case res.StatusCode/100 != 2:
		return nil, fmt.Errorf("whatsapp: answered %d", res.StatusCode)
	}
	content, err := io.ReadAll(io.LimitReader(res.Body, most+1))
	if err == nil && int64(len(content)) > most {
		err = carrier.ErrLarge
	}
	return content, err
}
