// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// The data source `external`: a program that is asked by JSON on stdin and answers by JSON on stdout.
type program struct{}

type model struct {
	ID         types.String `tfsdk:"id"`
	Program    types.List   `tfsdk:"program"`
	WorkingDir types.String `tfsdk:"working_dir"`
	Query      types.Map    `tfsdk:"query"`
	Result     types.Map    `tfsdk:"result"`
}

func (program) Metadata(_ context.Context, request datasource.MetadataRequest, response *datasource.MetadataResponse) {
	response.TypeName = request.ProviderTypeName
}

func (program) Schema(_ context.Context, _ datasource.SchemaRequest, response *datasource.SchemaResponse) {
	response.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":          schema.StringAttribute{Computed: true},
		"program":     schema.ListAttribute{Required: true, ElementType: types.StringType},
		"working_dir": schema.StringAttribute{Optional: true},
		"query":       schema.MapAttribute{Optional: true, ElementType: types.StringType},
		"result":      schema.MapAttribute{Computed: true, ElementType: types.StringType},
	}}
}

// The words to run; null and empty ones do not count.
func commandOf(ctx context.Context, list types.List, diagnostics *diag.Diagnostics) []string {
	var words []types.String
	diagnostics.Append(list.ElementsAs(ctx, &words, false)...)
	var command []string
	for _, word := range words {
		if word.ValueString() != "" {
			command = append(command, word.ValueString())
		}
	}
	return command
}

// The query as JSON: an object of strings, without the members that are null.
func queryOf(ctx context.Context, members types.Map, diagnostics *diag.Diagnostics) []byte {
	var values map[string]types.String
	diagnostics.Append(members.ElementsAs(ctx, &values, false)...)
	query := map[string]string{}
	for name, value := range values {
		if !value.IsNull() {
			query[name] = value.ValueString()
		}
	}
	text, err := json.Marshal(query)
	if err != nil {
		diagnostics.AddAttributeError(path.Root("query"), "Query not encoded", err.Error())
	}
	return text
}

// Exit code 0: stdout is the answer and stderr is dropped. Any other: all of stderr is the error, stdout is dropped.
// When the context ends the process is killed, as by SIGKILL.
func answerOf(ctx context.Context, command []string, folder string, query []byte) ([]byte, error) {
	var complaint bytes.Buffer
	process := exec.CommandContext(ctx, command[0], command[1:]...)
	process.Dir = folder
	process.Stdin = bytes.NewReader(query)
	process.Stderr = &complaint
	answer, err := process.Output()
	tflog.Trace(ctx, "the program ended", map[string]any{
		"program": process.String(), "output": string(answer), "stderr": complaint.String()})
	if err != nil && complaint.Len() == 0 {
		return nil, fmt.Errorf("%s said nothing: %w", command[0], err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s\n%w", strings.TrimRight(complaint.String(), "\n"), err)
	}
	return answer, nil
}

func (program) Read(ctx context.Context, request datasource.ReadRequest, response *datasource.ReadResponse) {
	var state model
	diagnostics := &response.Diagnostics
	diagnostics.Append(request.Config.Get(ctx, &state)...)
	if diagnostics.HasError() {
		return
	}
	command := commandOf(ctx, state.Program, diagnostics)
	query := queryOf(ctx, state.Query, diagnostics)
	if len(command) == 0 {
		diagnostics.AddAttributeError(path.Root("program"), "No program", "`program` names none.")
	}
	if diagnostics.HasError() {
		return
	}
	answer, err := answerOf(ctx, command, state.WorkingDir.ValueString(), query)
	if err != nil {
		diagnostics.AddAttributeError(path.Root("program"), "The program failed", err.Error())
		return
	}
	result := map[string]string{}
	if err := json.Unmarshal(answer, &result); err != nil {
		diagnostics.AddAttributeError(path.Root("program"), "The answer is no object of strings", err.Error())
		return
	}
	var found diag.Diagnostics
	state.Result, found = types.MapValueFrom(ctx, types.StringType, result)
	diagnostics.Append(found...)
	state.ID = types.StringValue("-")
	diagnostics.Append(response.State.Set(ctx, &state)...)
}
