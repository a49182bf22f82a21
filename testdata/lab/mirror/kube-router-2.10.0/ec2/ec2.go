// Package ec2 stands in for a library that takes longer to compile than all the rest
// of kube-router, and that it only asks where a host is a cloud's. None of a lab's is.
package ec2

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Client asks nobody.
type Client struct{}

// ModifyInstanceAttributeInput is what is to be changed.
type ModifyInstanceAttributeInput struct {
	InstanceId      *string
	SourceDestCheck *types.AttributeBooleanValue
}

// NewFromConfig is a client, whatever the settings.
func NewFromConfig(aws.Config) *Client { return &Client{} }

// ModifyInstanceAttribute changes nothing, and says so.
func (*Client) ModifyInstanceAttribute(context.Context, *ModifyInstanceAttributeInput) (struct{}, error) {
	return struct{}{}, errors.New("change an instance: this kube-router is built without a cloud's library")
}
