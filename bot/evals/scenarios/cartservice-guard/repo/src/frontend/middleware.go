package main

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/sirupsen/logrus"
)

type ctxKeyLog struct{}
type ctxKeySessionID struct{}

type logHandler struct {
	log  *logrus.Logger
	next http.Handler
}

type responseRecorder struct {
	bytes  int
	status int
	w      http.ResponseWriter
}

func (r *responseRecorder) Header() http.Header { return r.w.Header() }

func (r *responseRecorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.w.Write(p)
	r.bytes += n
	return n, err
}

func (r *responseRecorder) WriteHeader(statusCode int) {
	r.status = statusCode
	r.w.WriteHeader(statusCode)
}

func (lh *logHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	rr := &responseRecorder{w: w}
	log := lh.log.WithFields(logrus.Fields{
		"http.req.path":   r.URL.Path,
		"http.req.method": r.Method,
		"http.req.id":     uuid.New().String(),
	})
	if id, ok := r.Context().Value(ctxKeySessionID{}).(string); ok {
		log = log.WithField("session", id)
	}
	log.Debug("request started")
	defer func() {
		log.WithFields(logrus.Fields{
			"http.resp.took_ms": time.Since(start).Milliseconds(),
			"http.resp.status":  rr.status,
			"http.resp.bytes":   rr.bytes,
		}).Debug("request complete")
	}()
	lh.next.ServeHTTP(rr, r.WithContext(context.WithValue(r.Context(), ctxKeyLog{}, logrus.FieldLogger(log))))
}

func ensureSessionID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := ""
		if c, err := r.Cookie(cookieSessionID); err == nil {
			id = c.Value
		}
		if id == "" {
			id = uuid.New().String()
			http.SetCookie(w, &http.Cookie{Name: cookieSessionID, Value: id, MaxAge: cookieMaxAge})
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), ctxKeySessionID{}, id)))
	})
}
