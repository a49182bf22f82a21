package archive

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
)

// A zip file's table of contents is at its end. archive/zip could read it, and
// would bring along all that writes zip files: as much as five modules.

var errNoZip = errors.New("read archive: it is not a valid zip file")

// member is one entry of a zip file.
type member struct {
	name   string
	system uint16 // that made it
	mode   fs.FileMode
	method uint16
	crc    uint32
	size   uint64 // of what is in it
	packed uint64 // of what is in the file
	at     uint64 // of its header
}

// The lengths of the records of a zip file, as far as they are fixed.
const (
	endLen, end64Len, locatorLen = 22, 56, 20
	centralLen, localLen         = 46, 30
)

var le = binary.LittleEndian

// record is what follows signature at at, if n bytes of it are there.
func record(data []byte, at uint64, signature string, n uint64) ([]byte, bool) {
	if at > uint64(len(data)) || uint64(len(data))-at < n {
		return nil, false
	}
	return data[at:], bytes.HasPrefix(data[at:], []byte(signature))
}

// directory is the table of contents of a zip file.
func directory(data []byte) (out []member, err error) {
	from := max(0, len(data)-endLen-1<<16)
	i := bytes.LastIndex(data[from:], []byte("PK\x05\x06"))
	end, ok := record(data, uint64(from+max(i, 0)), "PK\x05\x06", endLen)
	if !ok {
		return nil, errNoZip
	}
	at := uint64(len(data) - len(end))
	size, offset := uint64(le.Uint32(end[12:])), uint64(le.Uint32(end[16:]))
	if loc, ok := record(data, at-locatorLen, "PK\x06\x07", locatorLen); ok {
		if end, ok := record(data, le.Uint64(loc[8:]), "PK\x06\x06", end64Len); ok {
			at, size, offset = uint64(len(data)-len(end)), le.Uint64(end[40:]), le.Uint64(end[48:])
		}
	}
	if size > at || offset > at-size {
		return nil, errNoZip
	}
	before := at - size - offset // what the file was appended to
	for rest := data[at-size : at]; len(rest) > 0; {
		m, n, ok := central(rest)
		if !ok {
			return nil, errNoZip
		}
		m.at += before
		out = append(out, m)
		rest = rest[n:]
	}
	return out, nil
}

// central reads one header of the table of contents, n bytes long.
func central(b []byte) (m member, n int, ok bool) {
	b, ok = record(b, 0, "PK\x01\x02", centralLen)
	if !ok {
		return m, 0, false
	}
	name, extra := int(le.Uint16(b[28:])), int(le.Uint16(b[30:]))
	n = centralLen + name + extra + int(le.Uint16(b[32:]))
	if n > len(b) {
		return m, 0, false
	}
	m = member{name: string(b[centralLen : centralLen+name]), system: le.Uint16(b[4:]) >> 8, method: le.Uint16(b[10:]), crc: le.Uint32(b[16:]),
		packed: uint64(le.Uint32(b[20:])), size: uint64(le.Uint32(b[24:])), at: uint64(le.Uint32(b[42:]))}
	m.mode = m.permissions(le.Uint32(b[38:]))
	return m, n, m.large(b[centralLen+name : centralLen+name+extra])
}

// large takes numbers that need more than 32 bits from where they are then.
func (m *member) large(extra []byte) bool {
	for len(extra) >= 4 {
		tag, n := le.Uint16(extra), int(le.Uint16(extra[2:]))
		if n > len(extra)-4 {
			return true // what others make of this space is theirs
		}
		field := extra[4 : 4+n]
		extra = extra[4+n:]
		if tag != 1 {
			continue
		}
		for _, v := range []*uint64{&m.size, &m.packed, &m.at} {
			if *v != 0xffffffff {
				continue
			}
			if len(field) < 8 {
				return false
			}
			*v, field = le.Uint64(field), field[8:]
		}
	}
	return true
}

// The systems, as a zip file names them, that say what permissions a file had.
const (
	fromUnix  = 3
	fromMacOS = 19
)

// permissions are what the attributes say of m; other systems tell only what is a
// directory, and a name with a slash at its end does too.
func (m *member) permissions(attributes uint32) (mode fs.FileMode) {
	if m.system == fromUnix || m.system == fromMacOS {
		mode = unixMode(attributes >> 16)
	} else if attributes&0x10 != 0 {
		mode = fs.ModeDir
	}
	if n := len(m.name); n > 0 && m.name[n-1] == '/' {
		mode |= fs.ModeDir
	}
	return mode
}

// unixMode is what Unix calls a mode.
func unixMode(m uint32) fs.FileMode {
	mode := fs.FileMode(m & 0o777)
	for bit, is := range map[uint32]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if m&bit != 0 {
			mode |= is
		}
	}
	switch m & 0o170000 {
	case 0, 0o100000:
		return mode
	case 0o040000:
		return mode | fs.ModeDir
	case 0o120000:
		return mode | fs.ModeSymlink
	}
	return mode | fs.ModeIrregular
}

// open gives what is in m, and after its last byte an error if it is damaged.
func (m *member) open(data []byte) (io.Reader, error) {
	b, ok := record(data, m.at, "PK\x03\x04", localLen)
	if !ok {
		return nil, errNoZip
	}
	skip := localLen + uint64(le.Uint16(b[26:])) + uint64(le.Uint16(b[28:]))
	if uint64(len(b)) < skip || uint64(len(b))-skip < m.packed {
		return nil, io.ErrUnexpectedEOF
	}
	packed := b[skip : skip+m.packed]
	switch {
	case le.Uint16(b[6:])&1 != 0:
		return nil, errors.New("it is encrypted")
	case m.method == 0:
		return &checked{r: bytes.NewReader(packed), left: m.size, crc: m.crc}, nil
	case m.method == 8:
		return &checked{r: flate.NewReader(bytes.NewReader(packed)), left: m.size, crc: m.crc}, nil
	}
	return nil, fmt.Errorf("it is packed by method %d, which is neither deflate nor none", m.method)
}

// checked reads as many bytes as there must be.
type checked struct {
	r    io.Reader
	left uint64
	sum  uint32
	crc  uint32
}

// Read is an error at the end if the bytes are not what they were.
func (c *checked) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.sum = crc32.Update(c.sum, crc32.IEEETable, p[:n])
	if uint64(n) > c.left {
		return 0, errors.New("it holds more than it says")
	}
	c.left -= uint64(n)
	if errors.Is(err, io.EOF) && c.left > 0 {
		return n, io.ErrUnexpectedEOF
	}
	if errors.Is(err, io.EOF) && c.sum != c.crc {
		return n, errors.New("its checksum does not match")
	}
	return n, err
}
