"""What every view needs: the request, its language, access, errors, paging, forms, the log."""
