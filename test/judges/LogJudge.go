// Judges a log that is served over HTTP with golang.org/x/mod/sumdb (Debian: golang-golang-x-mod-dev) and none of our code.
// Usage: LogJudge URL < claims; prints what it accepted, exit status 1 at the first thing it does not.
//
//	key VKEY                          of the log
//	witness VKEY                      must have cosigned (C2SP tlog-cosignature)
//	inclusion INDEX LEAFHASH PATH NOTE
//	consistency SIZE ROOT PATH        from that size to the served checkpoint
package main

import (
	"bufio"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type served struct {
	url   string
	tiles map[string][]byte
}

func (s served) Height() int                       { return 8 }
func (s served) SaveTiles(_ []tlog.Tile, _ [][]byte) {}

func (s served) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		// The module writes tile/8/L/N, C2SP tlog-tiles tile/L/N.
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		if s.tiles[path] == nil {
			s.tiles[path] = []byte(get(s.url + "/" + path))
		}
		all = append(all, s.tiles[path])
	}
	return all, nil
}

// The module has no cosignatures; what is signed is written down here from the specification.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 72 {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(sig))
	return ed25519.Verify(c.key, append([]byte(head), msg...), sig[8:])
}

func newCosigner(vkey string) cosigner {
	parts := strings.SplitN(vkey, "+", 3)
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	must(err)
	key := bytesOf(parts[2])
	check(len(key) == 33 && key[0] == 4, "not the key of a witness")
	return cosigner{parts[0], uint32(hash), ed25519.PublicKey(key[1:])}
}

func open(text string, verifiers ...note.Verifier) tlog.Tree {
	opened, err := note.Open([]byte(text), note.VerifierList(verifiers...))
	must(err)
	check(len(opened.Sigs) == len(verifiers), "a signature is missing")
	lines := strings.Split(opened.Text, "\n")
	check(lines[0] == verifiers[0].Name(), "the origin is not the name of the key")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	return tlog.Tree{N: size, Hash: hashOf(lines[2])}
}

func main() {
	log := served{os.Args[1], map[string][]byte{}}
	var key note.Verifier
	var all []note.Verifier
	var tree tlog.Tree
	count := map[string]int{}
	claims := bufio.NewScanner(os.Stdin)
	claims.Buffer(make([]byte, 1<<20), 1<<20)
	for claims.Scan() {
		claim := strings.Split(claims.Text(), " ")
		count[claim[0]]++
		if tree.N == 0 && claim[0] != "key" && claim[0] != "witness" {
			tree = open(get(log.url+"/checkpoint"), all...)
		}
		switch claim[0] {
		case "key":
			verifier, err := note.NewVerifier(claim[1])
			must(err)
			key = verifier
			all = append(all, key)
		case "witness":
			all = append(all, newCosigner(claim[1]))
		case "inclusion":
			index, err := strconv.ParseInt(claim[1], 10, 64)
			must(err)
			under := open(string(bytesOf(claim[4])), key)
			must(tlog.CheckRecord(hashesOf(claim[3]), under.N, under.Hash, index, hashOf(claim[2])))
			// The same leaf out of the tiles, each of which the reader holds against the root.
			stored, err := tlog.TileHashReader(tree, log).ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
			must(err)
			check(stored[0] == hashOf(claim[2]), "the tile has another leaf")
		case "consistency":
			size, err := strconv.ParseInt(claim[1], 10, 64)
			must(err)
			must(tlog.CheckTree(hashesOf(claim[3]), tree.N, tree.Hash, size, hashOf(claim[2])))
			old, err := tlog.TreeHash(size, tlog.TileHashReader(tree, log))
			must(err)
			check(old == hashOf(claim[2]), "the tiles give another old root")
		}
	}
	must(claims.Err())
	fmt.Printf("size %d inclusion %d consistency %d witness %d\n", tree.N, count["inclusion"], count["consistency"], count["witness"])
}

func get(url string) string {
	response, err := http.Get(url)
	must(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(err)
	check(response.StatusCode == 200, url+" answered "+response.Status)
	return string(body)
}

func bytesOf(text string) []byte {
	bytes, err := base64.StdEncoding.DecodeString(text)
	must(err)
	return bytes
}

func hashOf(text string) (hash tlog.Hash) {
	check(copy(hash[:], bytesOf(text)) == len(hash), "not a hash")
	return hash
}

func hashesOf(list string) (hashes []tlog.Hash) {
	for _, text := range strings.Split(list, ",") {
		if text != "" {
			hashes = append(hashes, hashOf(text))
		}
	}
	return hashes
}

func must(err error) {
	if err != nil {
		check(false, err.Error())
	}
}

func check(good bool, otherwise string) {
	if !good {
		fmt.Println("REFUSED:", otherwise)
		os.Exit(1)
	}
}
