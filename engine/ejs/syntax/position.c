/* position.c - from places in the generated text back to the template. */
#include "ejs/syntax/front.h"
#include "ejs/syntax/mapping.h"

/* The last mapping that begins at or before an offset; NULL: none. */
static const ejs__mapping *find(const ejs__script *script, uint32_t text_offset)
{
    uint32_t low = 0, high = script->n_map;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (script->map[middle].text <= text_offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &script->map[low - 1] : NULL;
}

bool ejs__front_is_verbatim(const ejs__script *script, uint32_t text_offset)
{
    const ejs__mapping *found = find(script, text_offset);
    return found && found->is_verbatim;
}

uint32_t ejs__front_source_offset(const ejs__script *script,
                                  uint32_t text_offset)
{
    const ejs__mapping *found = find(script, text_offset);
    if (!found)
        return 0;
    uint32_t offset = found->source;
    if (found->is_verbatim)
        offset += text_offset - found->text;
    return offset < script->source.size ? offset : script->source.size;
}

/* The number of the line that holds an offset, from 0. */
static uint32_t line_at(const ejs__script *script, uint32_t offset)
{
    uint32_t low = 0, high = script->n_lines;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (script->lines[middle] <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? low - 1 : 0;
}

void ejs__source_position(const ejs__script *script, uint32_t offset,
                          uint32_t *line, uint32_t *column)
{
    *line = *column = 1;
    if (script->n_lines == 0)
        return;
    if (offset > script->source.size)
        offset = script->source.size;
    uint32_t index = line_at(script, offset);
    *line = index + 1;
    for (uint32_t i = script->lines[index]; i < offset; i++)
        if (((unsigned char)script->source.data[i] & 0xC0) != 0x80)
            ++*column;
}

void ejs__script_position(const ejs__script *script, uint32_t text_offset,
                          uint32_t *line, uint32_t *column)
{
    ejs__source_position(script, ejs__front_source_offset(script, text_offset),
                         line, column);
}

uint32_t ejs__node_place(const ejs__node *node)
{
    if (node->kind == NODE_OUTPUT && node->as.output.args.count)
        node = node->as.output.args.items[0];
    if (node->kind == NODE_EXPRESSION && node->as.unary.operand)
        node = node->as.unary.operand;
    if (node->kind == NODE_CALL)
        node = node->as.call.callee;
    if (node->kind == NODE_MEMBER && node->end > node->as.member.name.size)
        return node->end - node->as.member.name.size;
    return node->kind == NODE_INDEX ? node->as.index.index->start : node->start;
}
