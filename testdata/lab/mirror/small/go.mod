module github.com/gokube/gokube/testdata/lab/mirror/small

go 1.26
