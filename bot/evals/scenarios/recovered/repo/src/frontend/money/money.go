// Package money adds and multiplies amounts without floating point.
package money

import (
	"errors"

	pb "github.com/acme/online-boutique/src/frontend/genproto"
)

const nanosPerUnit = 1_000_000_000

var (
	ErrInvalidValue        = errors.New("one of the specified money values is invalid")
	ErrMismatchingCurrency = errors.New("mismatching currency codes")
)

func IsValid(m *pb.Money) bool {
	sameSign := m.GetNanos() == 0 || m.GetUnits() == 0 || (m.GetNanos() < 0) == (m.GetUnits() < 0)
	return sameSign && m.GetNanos() > -nanosPerUnit && m.GetNanos() < nanosPerUnit
}

func Must(m *pb.Money, err error) *pb.Money {
	if err != nil {
		panic(err)
	}
	return m
}

func Sum(l, r *pb.Money) (*pb.Money, error) {
	if !IsValid(l) || !IsValid(r) {
		return nil, ErrInvalidValue
	}
	if l.GetCurrencyCode() != r.GetCurrencyCode() {
		return nil, ErrMismatchingCurrency
	}
	units := l.GetUnits() + r.GetUnits()
	nanos := int64(l.GetNanos()) + int64(r.GetNanos())
	units += nanos / nanosPerUnit
	nanos %= nanosPerUnit
	return &pb.Money{CurrencyCode: l.GetCurrencyCode(), Units: units, Nanos: int32(nanos)}, nil
}

func MultiplySlow(m *pb.Money, n uint32) *pb.Money {
	out := m
	for n > 1 {
		out = Must(Sum(out, m))
		n--
	}
	return out
}
