"""Why a region was selected or not (penjelasan penetapan): the question that every regent asks after a decree."""
